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
    @ValueSource(strings = {"(a{11}){100}", "((a{10}){10}){11}", "(a|b{500}){3}", "a{2}{501}", "(?:(?:x{100})*y{2}){11}"})
    void multipliedRepetitionIsRefused(String regex) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> RegexLimit.compile(regex));
        assertEquals("repeats more than 1000 times", e.getMessage());
    }

    @Test
    void lengthAndDepthAreBounded() {
        assertThrows(IllegalArgumentException.class, () -> RegexLimit.compile("a".repeat(40_000)));
        assertThrows(IllegalArgumentException.class, () -> RegexLimit.compile("(".repeat(300) + ")".repeat(300)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"(", "[", "a{2,1}", "*", "(?=a)", "\\"})
    void whatIsNoExpressionIsSaidByTheCompiler(String regex) {
        assertTrue(assertThrows(PatternSyntaxException.class, () -> RegexLimit.compile(regex)).getMessage().length() > 5);
    }
}
