#include "gateway/mail/report.h"
