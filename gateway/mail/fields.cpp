#include "gateway/mail/fields.h"
