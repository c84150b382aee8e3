/*
 * fuzz_request.c: the JSON body of POST /v1/execute and /v1/validate. The first byte chooses which,
 * and what the location allows; the rest is the body. Whatever comes in: a job within its bounds,
 * or a problem that can be written as JSON.
 */
#include "tests/fuzz/fuzz.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/cleanup.h"
#include "core/config/runtimes.h"
#include "core/ipc/payload.h"
#include "core/model/cases.h"
#include "core/model/job.h"
#include "fcgi/location.h"
#include "fcgi/problem.h"
#include "fcgi/request.h"

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

static struct sg_runtimes runtimes;
static struct sg_scoring scoring;

static void set_up_once(void)
{
    struct sg_error err = SG_ERROR_INIT;
    if (runtimes.n > 0)
        return;
    REQUIRE(sg_validator_open(&scoring.validator, SG_TEST_CONF "/rules", &err) == 0);
    REQUIRE(sg_policies_load(&scoring.policies, SG_TEST_CONF "/policies.d", &err) == 0);
    sg_bounds_default(&scoring.bounds);
    runtimes.v[0].rules = strdup("python");
    runtimes.v[0].language = strdup("python");
    runtimes.v[0].entry = strdup("main.py");
    sg_strings_add(&runtimes.v[0].aliases, "py");
    runtimes.n = 1;
}

static void check_cases(const struct sg_job *job, const struct sg_location *location)
{
    const struct sg_cases *cases = job->cases;
    size_t line;
    REQUIRE(cases->n >= 1 && cases->n <= SG_CASES_MAX);
    REQUIRE(sg_compare_name(cases->compare) != NULL);
    REQUIRE(cases->wall_time_ms >= 1 && cases->wall_time_ms <= location->max.wall_time_ms);
    for (size_t i = 0; i < cases->n; i++) {
        const struct sg_case *c = &cases->v[i];
        struct sg_job one = sg_case_job(job, c);
        REQUIRE(one.nargs <= SG_ARGS_MAX && one.input.n <= SG_STDIN_BYTES_MAX);
        REQUIRE(sg_payload_size(&one) <= SG_PAYLOAD_BYTES_MAX);
        REQUIRE(c->expected.n <= job->limits.output_bytes);
        REQUIRE(!c->name || strlen(c->name) <= SG_CASE_NAME_MAX);
        REQUIRE(
            sg_case_matches(cases->compare, &c->expected, c->expected.data, c->expected.n, &line));
    }
}

static void check_job(const struct sg_job *job, const struct sg_location *location, bool score_only)
{
    const struct sg_limit_info *which = NULL;
    REQUIRE(strcmp(job->language, "python") == 0 || score_only);
    REQUIRE(job->id[0] != '\0');
    REQUIRE(job->nfiles >= 1 && job->nfiles <= SG_FILES_MAX);
    REQUIRE(job->nargs <= SG_ARGS_MAX && job->nenv <= SG_ENV_MAX);
    REQUIRE(score_only || sg_limits_check(&job->limits, &location->max, &which) == 0);
    for (size_t i = 0; i < job->nfiles; i++) {
        REQUIRE(sg_path_check(job->files[i].path) == NULL);
        REQUIRE(job->files[i].content.n <= SG_FILE_BYTES_MAX);
    }
    for (size_t i = 0; i < job->nenv; i++)
        REQUIRE(strchr(job->env[i], '=') != NULL);
    if (job->cases)
        check_cases(job, location);
}

static void check_problem(const struct sg_problem *p)
{
    sg_auto(sg_buf) struct sg_buf text = {0};
    REQUIRE(sg_problem_is_set(p) && p->nfields > 0);
    REQUIRE(sg_problem_write(&text, p, "/v1/execute", "id") == 0);
    json_t *doc = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    REQUIRE(doc != NULL);
    json_decref(doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sg_auto(sg_job) struct sg_job job = {0};
    sg_auto(sg_problem) struct sg_problem problem = {0};
    struct sg_location location = {.client = "fuzz",
                                   .policies = {.v = {"strict", "report"}, .n = 2}};
    struct sg_request_rules rules = {
        .runtimes = &runtimes, .location = &location, .scoring = &scoring};
    struct sg_screen screen;
    if (size == 0)
        return 0;
    set_up_once();
    sg_limits_default(&location.dflt);
    sg_limits_max(&location.max);
    location.validate_required = data[0] == 'V';
    rules.score_only = data[0] == 'S';
    int rc = sg_request_parse((const char *)data + 1, size - 1, &rules, &job, &screen, &problem);
    REQUIRE(rc != 0 || screen.skip || (screen.policy && screen.language));
    if (rc == 0)
        check_job(&job, &location, rules.score_only);
    else
        check_problem(&problem);
    return 0;
}
