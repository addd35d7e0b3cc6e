package dev.outrider.xds.resource.part;

import com.google.re2j.PatternSyntaxException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class RegexLimitTest {

    @ParameterizedTest
    @ValueSource(strings = {"a{1000}", "(a{10}){100}", "[{(]{3}", "\\{2000\\}", "a{x}", "(?i)spiffe://.+/ns/a/(.+/|)sa/b(/.+)?", "{", "a{1,}"})
    void ordinaryOnesCompile(String regex) {
        RegexLimit.compile(regex);
    }

    @ParameterizedTest
    @ValueSource(strings = {"(a{1000}){1000}", "(a{1000}\\Q)\\E){1000}", "(a{1000}[)]){1000}", "(a{1000}[[:alpha:])]){1000}", "((a{100}){100}){4}", "(a|b{500}){70}", "(?:(?:x{100})*y{2}){1000}", "(((((a{9}){9}){9}){9}){9})"})
    void multipliedRepetitionIsRefused(String regex) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> RegexLimit.compile(regex));
        assertEquals("is longer than 32768 characters when written out", e.getMessage());
    }

    @Test
    void lengthAndDepthAreBounded() {
        assertThrows(IllegalArgumentException.class, () -> RegexLimit.compile("a".repeat(40_000)));
        assertThrows(IllegalArgumentException.class, () -> RegexLimit.compile("a{1000}".repeat(40)));
        assertThrows(IllegalArgumentException.class, () -> RegexLimit.compile("(".repeat(300) + ")".repeat(300)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"(", "[", "a{2,1}", "*", "(?=a)", "\\"})
    void whatIsNoExpressionIsSaidByTheCompiler(String regex) {
        assertTrue(assertThrows(PatternSyntaxException.class, () -> RegexLimit.compile(regex)).getMessage().length() > 5);
    }
}
