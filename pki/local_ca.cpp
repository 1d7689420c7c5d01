#include "pki/local_ca.h"
