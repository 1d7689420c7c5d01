#include "pki/keys.h"
