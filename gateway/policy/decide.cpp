#include "gateway/policy/decide.h"
