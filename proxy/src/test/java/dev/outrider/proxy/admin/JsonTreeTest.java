package dev.outrider.proxy.admin;

import dev.outrider.proxy.admin.page.JsonTree;
import dev.outrider.proxy.admin.state.AdminState.RawJson;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

class JsonTreeTest {

    @Test
    void rawPartsAreLaidOutLikeTheRest() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("a", new RawJson("{\"x\":[1,{\"y\":\"a,b:{\\\"c\"}],\"e\":{},\"f\":[]}"));
        tree.put("b", List.of(true, 2L));
        assertEquals(
                """
                {
                 "a": {
                  "x": [
                   1,
                   {
                    "y": "a,b:{\\"c"
                   }
                  ],
                  "e": {},
                  "f": []
                 },
                 "b": [
                  true,
                  2
                 ]
                }
                """,
                JsonTree.print(tree));
    }

    @Test
    void textCannotBecomeMarkupOrControl() {
        assertEquals("\"\\u003cscript\\u003e\\u0007\\n\"", JsonTree.printLine("<script>\u0007\n"));
    }
}
