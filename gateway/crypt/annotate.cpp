#include "gateway/crypt/annotate.h"
