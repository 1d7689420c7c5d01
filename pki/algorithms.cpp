#include "pki/algorithms.h"
