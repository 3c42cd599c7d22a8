// SwiftPM wants one source file in a C target; everything in this one is inline, in the header.
#include "ckiana.h"
