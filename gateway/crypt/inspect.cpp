#include "gateway/crypt/inspect.h"
