#include "format.h"

struct output {
    char *at;
    char *end;
};

static void put(struct output *output, char c)
{
    if (output->at < output->end)
        *output->at++ = c;
}

static void put_number(struct output *output, uint64_t value, unsigned base, unsigned width, char pad)
{
    char digits[20];
    unsigned length = 0;
    do {
        digits[length++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    for (; width > length; width--)
        put(output, pad);
    while (length > 0)
        put(output, digits[--length]);
}

size_t format(char *to, size_t size, const char *text, va_list arguments)
{
    struct output output = {to, to + size - 1};
    for (; *text != '\0'; text++) {
        if (*text != '%') {
            put(&output, *text);
            continue;
        }
        char pad = text[1] == '0' ? '0' : ' ';
        unsigned width = 0;
        while (*++text >= '0' && *text <= '9')
            width = width * 10 + (unsigned)(*text - '0');
        bool is_long = *text == 'l';
        if (is_long)
            text++;
        if (*text == 's') {
            for (const char *s = va_arg(arguments, const char *); *s != '\0'; s++)
                put(&output, *s);
        } else if (*text == 'c') {
            put(&output, (char)va_arg(arguments, int));
        } else if (*text == 'u' || *text == 'x') {
            uint64_t value = is_long ? va_arg(arguments, unsigned long) : va_arg(arguments, unsigned);
            put_number(&output, value, *text == 'u' ? 10 : 16, width, pad);
        } else {
            put(&output, *text);
        }
    }
    *output.at = '\0';
    return (size_t)(output.at - to);
}

size_t format_text(char *to, size_t size, const char *text, ...)
{
    va_list arguments;
    va_start(arguments, text);
    size_t length = format(to, size, text, arguments);
    va_end(arguments);
    return length;
}
