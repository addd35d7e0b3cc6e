package dev.outrider.xds.resource.part;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

class FormatSyntaxTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            plain                                       | true
            %%                                          | true
            a%REQ(x-a?:path):12%b%%                     | true
            %START_TIME(%s.%3f)%                        | true
            %DYNAMIC_METADATA(["a", "b"])%              | true
            %CEL(string(request.headers['a']))%         | true
            100%                                        | false
            %req(x)%                                    | false
            %REQ(x)                                     | false
            %REQ(x):y%                                  | false
            """)
    void forms(String format, boolean accepted) {
        Scope scope = Scope.root(FileSource.SYSTEM);
        FormatSyntax.check(format, scope);
        assertEquals(!accepted, scope.rejected(), scope.reasons().toString());
    }
}
