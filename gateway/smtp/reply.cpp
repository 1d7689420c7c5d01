#include "gateway/smtp/reply.h"
