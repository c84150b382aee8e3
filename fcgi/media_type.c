/* media_type.c: see media_type.h. Names: the registry of RFC 6838. */
#include "fcgi/media_type.h"

#include <string.h>
#include <strings.h>

#include "core/base/cleanup.h"

static const struct {
    const char *type;
    size_t at, n;
    const char *bytes;
} magics[] = {
    {"image/png", 0, 8, "\x89PNG\r\n\x1a\n"},
    {"image/jpeg", 0, 3, "\xff\xd8\xff"},
    {"image/gif", 0, 6, "GIF87a"},
    {"image/gif", 0, 6, "GIF89a"},
    {"image/webp", 8, 4, "WEBP"},
    {"image/avif", 4, 8, "ftypavif"},
    {"image/heic", 4, 8, "ftypheic"},
    {"image/heif", 4, 8, "ftypmif1"},
    {"image/bmp", 0, 2, "BM"},
    {"image/tiff", 0, 4, "II*\0"},
    {"image/tiff", 0, 4, "MM\0*"},
    {"application/pdf", 0, 5, "%PDF-"},
    {"application/gzip", 0, 2, "\x1f\x8b"},
    {"application/vnd.sqlite3", 0, 16, "SQLite format 3"},
    {"application/vnd.apache.parquet", 0, 4, "PAR1"},
    {"audio/wav", 8, 4, "WAVE"},
    {"audio/mpeg", 0, 3, "ID3"},
    {"audio/ogg", 0, 4, "OggS"},
    {"audio/mp4", 4, 8, "ftypM4A "},
    {"video/quicktime", 4, 8, "ftypqt  "},
    {"video/mp4", 4, 4, "ftyp"}, /* what is left of this container */
    {"video/webm", 0, 4, "\x1a\x45\xdf\xa3"},
};

/* What a zip is tells its name. */
static const struct {
    const char *suffix, *type;
    bool text;
} suffixes[] = {
    {".txt", "text/plain", true},
    {".log", "text/plain", true},
    {".csv", "text/csv", true},
    {".tsv", "text/tab-separated-values", true},
    {".json", "application/json", true},
    {".jsonl", "application/jsonl", true},
    {".ndjson", "application/x-ndjson", true},
    {".geojson", "application/geo+json", true},
    {".ipynb", "application/x-ipynb+json", true},
    {".xml", "application/xml", true},
    {".yaml", "application/yaml", true},
    {".yml", "application/yaml", true},
    {".toml", "application/toml", true},
    {".html", "text/html", true},
    {".htm", "text/html", true},
    {".css", "text/css", true},
    {".md", "text/markdown", true},
    {".svg", "image/svg+xml", true},
    {".js", "text/javascript", true},
    {".mjs", "text/javascript", true},
    {".py", "text/x-python", true},
    {".c", "text/x-c", true},
    {".h", "text/x-c", true},
    {".sh", "application/x-sh", true},
    {".sql", "application/sql", true},
    {".tex", "application/x-tex", true},
    {".eps", "application/postscript", true},
    {".ps", "application/postscript", true},
    {".zip", "application/zip", false},
    {".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", false},
    {".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", false},
    {".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation", false},
    {".npy", "application/x-npy", false},
    {".npz", "application/x-npz", false},
    {".h5", "application/x-hdf5", false},
    {".wasm", "application/wasm", false},
    {".tar", "application/x-tar", false},
    {".bz2", "application/x-bzip2", false},
    {".xz", "application/x-xz", false},
};

static const char *by_bytes(const struct sg_span *c)
{
    for (size_t i = 0; i < SG_ARRAY_LEN(magics); i++)
        if (c->n >= magics[i].at + magics[i].n &&
            memcmp(c->data + magics[i].at, magics[i].bytes, magics[i].n) == 0)
            return magics[i].type;
    return NULL;
}

static const char *by_name(const char *path, bool text)
{
    const char *name = strrchr(path, '/');
    const char *suffix = strrchr(name ? name : path, '.');
    for (size_t i = 0; suffix && i < SG_ARRAY_LEN(suffixes); i++)
        if (suffixes[i].text == text && strcasecmp(suffix, suffixes[i].suffix) == 0)
            return suffixes[i].type;
    return NULL;
}

const char *sg_media_type(const char *path, const struct sg_span *content, bool text)
{
    const char *type = text ? NULL : by_bytes(content);
    if (!type)
        type = by_name(path, text);
    if (!type && text && content->n >= 5 && memcmp(content->data, "%PDF-", 5) == 0)
        type = "application/pdf";
    return type ? type : text ? "text/plain" : "application/octet-stream";
}
