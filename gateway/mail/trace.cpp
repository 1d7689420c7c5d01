#include "gateway/mail/trace.h"
