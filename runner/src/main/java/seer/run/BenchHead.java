package seer.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import seer.model.backend.Backend;

/// What ran, with every benchmark: no figure stands without it.
///
/// @param seer       version
/// @param commit     that was built; null where the build did not know
/// @param arithmetic precision and kind of the kernels
/// @param about      sentences that hold for all rows
@JsonInclude(JsonInclude.Include.NON_NULL)
record BenchHead(@JsonProperty("seer") String seer, @JsonProperty("commit") String commit,
                 @JsonProperty("machine") Result.Machine machine, @JsonProperty("arithmetic") String arithmetic,
                 @JsonProperty("about") List<String> about) {

    static BenchHead of(Backend backend, List<String> about) {
        return new BenchHead(Version.number(), Version.commit(), Result.Machine.of(backend),
                backend.arithmetic(), about);
    }

    /// As columns of each row.
    Map<String, Object> columns() {
        var columns = new LinkedHashMap<String, Object>();
        columns.put("seer", seer);
        columns.put("commit", commit);
        columns.put("jdk", machine.jdk());
        columns.put("backend", machine.backend());
        columns.put("device", machine.device());
        columns.put("detail", machine.detail());
        columns.put("arithmetic", arithmetic);
        return columns;
    }

    /// The version in words.
    String version() {
        return "seer " + seer + (commit == null ? "" : ", commit " + commit);
    }
}
