#include "gateway/mail/message.h"
