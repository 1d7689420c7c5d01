#include "gateway/crypt/transform.h"
