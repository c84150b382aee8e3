/* validator.h: the rules of all languages, behind validate.h. */
#ifndef SG_VALIDATE_VALIDATOR_H
#define SG_VALIDATE_VALIDATOR_H

#include "core/validate/rules.h"
#include "core/validate/validate.h"

/* Rules of a language by its own name; NULL. */
const struct sg_rules *sg_validator_rules(const struct sg_validator *v, const char *language);

#endif
