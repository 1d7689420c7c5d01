#include "pki/store.h"
