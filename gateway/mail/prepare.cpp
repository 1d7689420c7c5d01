#include "gateway/mail/prepare.h"
