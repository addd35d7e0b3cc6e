package dev.outrider.xds.resource.part;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

class UriTemplatesTest {

    @ParameterizedTest
    @CsvSource({
        "/a/*, true", "/**, true", "/a/*/b/**, true", "/a/**.html, true", "/{x}/{y=*}, true", "/{x=**}, true", "a, false",
        "/a*b, false", "/**/a, false", "/{*}, false", "/}, false"
    })
    void templates(String template, boolean accepted) {
        Scope scope = Scope.root(FileSource.SYSTEM);
        UriTemplates.check(template, scope);
        assertEquals(!accepted, scope.rejected(), scope.reasons().toString());
    }
}
