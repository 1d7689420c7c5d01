#include "gateway/spool/spool.h"
