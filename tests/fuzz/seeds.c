/*
 * seeds.c: main() of a fuzz entry in an ordinary build: feeds it the files named as arguments, or
 * each file of $SG_SRCDIR/tests/fuzz/seeds/NAME/ when the program is fuzz_NAME. Writes TAP.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

/* Exactly as large as the file, so that a sanitizer sees a read past its end. */
static int feed(const char *path, int number)
{
    FILE *f = fopen(path, "rbe");
    long size = -1;
    uint8_t *data = NULL;
    int bad = 1;
    if (f && fseek(f, 0, SEEK_END) == 0 && (size = ftell(f)) >= 0 && fseek(f, 0, SEEK_SET) == 0) {
        data = malloc(size > 0 ? (size_t)size : 1);
        if (data && fread(data, 1, (size_t)size, f) == (size_t)size)
            bad = LLVMFuzzerTestOneInput(data, (size_t)size);
    }
    printf("%sok %d - %s\n", bad ? "not " : "", number, path);
    free(data);
    if (f)
        fclose(f);
    return bad;
}

static int feed_directory(const char *dir)
{
    struct dirent **names = NULL;
    int bad = 0, number = 0;
    int n = scandir(dir, &names, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char path[4096];
        if (names[i]->d_name[0] != '.') {
            if (snprintf(path, sizeof path, "%s/%s", dir, names[i]->d_name) < (int)sizeof path)
                bad |= feed(path, ++number);
        }
        free(names[i]);
    }
    free(names);
    if (number == 0)
        printf("not ok 1 - no seeds in %s\n", dir);
    printf("1..%d\n", number ? number : 1);
    return bad || number == 0;
}

int main(int argc, char **argv)
{
    int bad = 0;
    if (argc > 1) {
        for (int i = 1; i < argc; i++)
            bad |= feed(argv[i], i);
        return bad;
    }
    const char *src = getenv("SG_SRCDIR");
    const char *name = strstr(argv[0], "fuzz_");
    char dir[4096];
    snprintf(dir, sizeof dir, "%s/tests/fuzz/seeds/%s", src ? src : ".", name ? name + 5 : argv[0]);
    return feed_directory(dir);
}
