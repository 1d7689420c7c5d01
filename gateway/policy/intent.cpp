#include "gateway/policy/intent.h"
