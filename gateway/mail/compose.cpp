#include "gateway/mail/compose.h"
