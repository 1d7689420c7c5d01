#include "pki/crl.h"
