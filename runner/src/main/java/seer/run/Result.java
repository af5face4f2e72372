package seer.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import seer.gate.AttnGate;
import seer.model.LanguageModel;
import seer.model.backend.Backend;
import seer.model.backend.BackendInfo;

/// What a command prints, for people as a table and for programs as JSON.
///
/// @param schema  version of this form; grows when a field changes its meaning
/// @param command that was run
/// @param conditions of all rows; null where there are none to tell
@JsonInclude(JsonInclude.Include.NON_NULL)
record Result(@JsonProperty("schema") int schema, @JsonProperty("command") String command,
              @JsonProperty("machine") Machine machine, @JsonProperty("model") Model model,
              @JsonProperty("prompt_tokens") Integer promptTokens, @JsonProperty("windows") Integer windows,
              @JsonProperty("conditions") Conditions conditions, @JsonProperty("rows") List<Row> rows) {
    /// Version of the JSON form.
    static final int SCHEMA = 1;

    /// Where it ran.
    ///
    /// @param kernels taken so far, by operation, where there were several to choose from
    record Machine(@JsonProperty("backend") String backend, @JsonProperty("device") String device,
                   @JsonProperty("detail") String detail, @JsonProperty("threads") int threads,
                   @JsonProperty("jdk") String jdk,
                   @JsonInclude(JsonInclude.Include.NON_EMPTY) @JsonProperty("kernels") Map<String, String> kernels) {
        static Machine of(Backend backend) {
            return of(backend.info(), backend.rungs());
        }

        static Machine of(BackendInfo info, Map<String, String> kernels) {
            return new Machine(info.backend(), info.device(), info.detail(), info.threads(),
                    System.getProperty("java.vendor.version", "") + " " + System.getProperty("java.version"), kernels);
        }
    }

    /// What ran.
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Model(@JsonProperty("folder") String folder, @JsonProperty("parameters") long parameters,
                 @JsonProperty("gate_folder") String gateFolder,
                 @JsonProperty("gate_parameters") Long gateParameters,
                 @JsonProperty("gate_block") Integer gateBlock) {
        static Model of(Workbench bench) {
            LanguageModel model = bench.model();
            AttnGate gate = bench.usedGate();
            return gate == null ? new Model(shown(model.path()), model.parameters(), null, null, null)
                    : new Model(shown(model.path()), model.parameters(), shown(bench.gateFolder()), gate.parameters(),
                            gate.config().block());
        }
    }

    /// A path as short as the current folder allows.
    static String shown(Path folder) {
        Path here = Path.of("").toAbsolutePath();
        Path whole = folder.toAbsolutePath().normalize();
        return whole.startsWith(here) && !whole.equals(here) ? here.relativize(whole).toString() : whole.toString();
    }

    static Result of(String command, Workbench bench, Integer promptTokens, Integer windows, List<Row> rows) {
        return new Result(SCHEMA, command, Machine.of(bench.backend()),
                Model.of(bench), promptTokens, windows, null, rows);
    }

    Result under(Conditions held) {
        return new Result(schema, command, machine, model, promptTokens, windows, held, rows);
    }
}
