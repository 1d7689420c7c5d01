#include "pki/openssl.h"
