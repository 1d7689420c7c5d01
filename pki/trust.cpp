#include "pki/trust.h"
