#include "pki/import.h"
