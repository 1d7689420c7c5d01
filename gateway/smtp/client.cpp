#include "gateway/smtp/client.h"
