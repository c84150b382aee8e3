/* What a compilation leaves: which files are taken, and what of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/sandbox/product.h"

#define MOST (4u << 20)
#define NAME "product"

static char top[64];
static int dir;

static int set_up(void **state)
{
    (void)state;
    snprintf(top, sizeof top, "/tmp/sandgate-product-XXXXXX");
    assert_non_null(mkdtemp(top));
    dir = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return dir < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const names[] = {NAME, "other", "link", ("inner/" NAME)};
    for (size_t i = 0; i < SG_ARRAY_LEN(names); i++)
        unlinkat(dir, names[i], 0);
    unlinkat(dir, "inner", AT_REMOVEDIR);
    unlinkat(dir, NAME, AT_REMOVEDIR);
    close(dir);
    return rmdir(top);
}

static void put(const char *name, const void *data, size_t n)
{
    sg_autofd int fd = openat(dir, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0755);
    assert_true(fd >= 0);
    assert_int_equal(sg_fd_write_all(fd, data, n), 0);
}

static enum sg_product take(uint64_t most)
{
    sg_autofd int to = sg_product_memfd();
    assert_true(to >= 0);
    enum sg_product found = sg_product_copy(dir, NAME, most, to);
    return found == SG_PRODUCT_TAKEN ? sg_product_seal(to, most) : found;
}

static Elf64_Ehdr program(void)
{
    Elf64_Ehdr head = {0};
    sg_autofd int own = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    assert_int_equal(read(own, &head, sizeof head), sizeof head);
    return head;
}

static void test_a_program_is_taken_whole_and_runs(void **state)
{
    (void)state;
    sg_auto(sg_buf) struct sg_buf whole = {0};
    assert_int_equal(sg_file_read(AT_FDCWD, "/bin/true", &whole, MOST), 0);
    put(NAME, whole.data, whole.len);
    sg_autofd int to = sg_product_memfd();
    assert_int_equal(sg_product_copy(dir, NAME, MOST, to), SG_PRODUCT_TAKEN);
    assert_int_equal(sg_product_seal(to, MOST), SG_PRODUCT_TAKEN);
    const char *data;
    size_t n;
    assert_int_equal(sg_memfd_map(to, MOST, &data, &n), 0);
    assert_int_equal(n, whole.len);
    assert_memory_equal(data, whole.data, n);
    munmap((void *)(uintptr_t)data, n);
    assert_true(write(to, "x", 1) < 0 && errno == EPERM);
    pid_t child = fork();
    if (child == 0) {
        char *argv[] = {(char *)(uintptr_t) "true", NULL}, *envp[] = {NULL};
        fexecve(to, argv, envp);
        _exit(127);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void test_what_is_no_plain_file(void **state)
{
    (void)state;
    assert_int_equal(take(MOST), SG_PRODUCT_MISSING);
    assert_int_equal(mkfifoat(dir, NAME, 0644), 0); /* nobody waits for a writer */
    assert_int_equal(take(MOST), SG_PRODUCT_SPECIAL);
    unlinkat(dir, NAME, 0);
    assert_int_equal(mkdirat(dir, NAME, 0755), 0);
    assert_int_equal(take(MOST), SG_PRODUCT_SPECIAL);
    unlinkat(dir, NAME, AT_REMOVEDIR);
    static const char *const targets[] = {"/bin/true", "other", "../../bin/true", "/proc/self/exe",
                                          "nowhere"};
    put("other", "x", 1);
    for (size_t i = 0; i < SG_ARRAY_LEN(targets); i++) {
        assert_int_equal(symlinkat(targets[i], dir, NAME), 0);
        assert_int_equal(take(MOST), SG_PRODUCT_SPECIAL);
        unlinkat(dir, NAME, 0);
    }
    assert_int_equal(linkat(dir, "other", dir, NAME, 0), 0);
    assert_int_equal(take(MOST), SG_PRODUCT_SPECIAL);
}

static void test_nothing_is_followed_on_the_way(void **state)
{
    (void)state;
    sg_autofd int to = sg_product_memfd();
    assert_int_equal(mkdirat(dir, "inner", 0755), 0);
    put("inner/" NAME, "x", 1);
    assert_int_equal(symlinkat("inner", dir, "link"), 0);
    static const char *const names[] = {("link/" NAME), "../etc/passwd", "/etc/passwd",
                                        "inner/../../etc/passwd"};
    for (size_t i = 0; i < SG_ARRAY_LEN(names); i++)
        assert_int_equal(sg_product_copy(dir, names[i], MOST, to), SG_PRODUCT_SPECIAL);
}

static void test_size(void **state)
{
    (void)state;
    Elf64_Ehdr head = program();
    put(NAME, &head, sizeof head);
    assert_int_equal(take(sizeof head), SG_PRODUCT_TAKEN);
    assert_int_equal(take(sizeof head - 1), SG_PRODUCT_TOO_LARGE);
    sg_autofd int fd = openat(dir, NAME, O_WRONLY | O_CLOEXEC);
    assert_int_equal(ftruncate(fd, 1ll << 40), 0); /* sparse: told by its size, not read */
    assert_int_equal(take(MOST), SG_PRODUCT_TOO_LARGE);
}

static void test_only_programs_of_this_machine(void **state)
{
    (void)state;
    const Elf64_Ehdr good = program();
    for (int i = 0; i < 8; i++) {
        Elf64_Ehdr head = good;
        size_t n = sizeof head;
        if (i == 0)
            n = 0;
        else if (i == 1)
            n--;
        else if (i == 2)
            memcpy(&head, "#!/usr/bin/python3\n", 19);
        else if (i == 3)
            head.e_ident[EI_CLASS] = ELFCLASS32;
        else if (i == 4)
            head.e_ident[EI_DATA] = ELFDATA2MSB;
        else if (i == 5)
            head.e_machine = EM_ARM;
        else if (i == 6)
            head.e_type = ET_REL;
        else
            head.e_type = ET_CORE;
        put(NAME, &head, n);
        assert_int_equal(take(MOST), SG_PRODUCT_FOREIGN);
        unlinkat(dir, NAME, 0);
    }
}

static void test_faults_have_words(void **state)
{
    (void)state;
    assert_null(sg_product_fault(SG_PRODUCT_NONE));
    assert_null(sg_product_fault(SG_PRODUCT_TAKEN));
    for (int i = SG_PRODUCT_TAKEN + 1; i < SG_PRODUCT_COUNT; i++)
        assert_non_null(sg_product_fault((enum sg_product)i));
    assert_null(sg_product_fault(SG_PRODUCT_COUNT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_program_is_taken_whole_and_runs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_no_plain_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nothing_is_followed_on_the_way, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_size, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_only_programs_of_this_machine, set_up, tear_down),
        cmocka_unit_test(test_faults_have_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
