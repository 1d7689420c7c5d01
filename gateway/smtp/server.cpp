#include "gateway/smtp/server.h"
