#include "pki/seal.h"
