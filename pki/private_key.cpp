#include "pki/private_key.h"
