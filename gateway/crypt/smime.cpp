#include "gateway/crypt/smime.h"
