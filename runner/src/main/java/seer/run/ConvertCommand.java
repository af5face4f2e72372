package seer.run;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import seer.model.convert.GgufConversion;
import seer.model.load.DType;
import seer.model.load.PthWriter;
import seer.model.load.SafetensorsFile;
import seer.model.load.SafetensorsWriter;
import seer.model.load.TensorFile;
import seer.model.load.WeightTensor;

/// From one form of a file to another.
@Command(name = "convert", mixinStandardHelpOptions = true,
        description = "Writes gates in the other form (.pth, .safetensors), or a GGUF file as a folder.")
final class ConvertCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "FROM", description = "A .pth, .safetensors or .gguf file.")
    private Path from;

    @Parameters(index = "1", paramLabel = "TO",
            description = "The file to write, .safetensors or .pth; for a GGUF file, the folder.")
    private Path to;

    @Option(names = "--bf16", description = "Weights of a folder in BF16 instead of F32.")
    private boolean bf16;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        String source = ending(from);
        String target = ending(to);
        if (!Files.exists(from)) {
            throw new UsageException(from + ": no such file");
        }
        if (source.equals(".gguf")) {
            if (Files.isRegularFile(to)) {
                throw new UsageException(to + " is a file, wanted a folder for what is in a GGUF file");
            }
            GgufConversion.write(from, to, bf16 ? DType.BF16 : DType.F32);
        } else if (source.equals(".pth") && target.equals(".safetensors")) {
            safetensors();
        } else if (source.equals(".safetensors") && target.equals(".pth")) {
            pth();
        } else {
            throw new UsageException("from " + from + " to " + to + ", wanted .pth to .safetensors, .safetensors to "
                    + ".pth, or .gguf to a folder");
        }
        out.println("Written: " + to);
        return 0;
    }

    private static String ending(Path path) {
        String name = path.toString();
        int dot = name.lastIndexOf('.');
        return dot < 0 ? "" : name.substring(dot);
    }

    /// F16, which safetensors are not written in here, becomes F32, which holds it exactly.
    private void safetensors() {
        try (var file = TensorFile.open(from)) {
            var writer = new SafetensorsWriter().metadata("format", "pt");
            for (String name : file.names()) {
                WeightTensor tensor = file.tensor(name);
                if (!tensor.type().isFloat()) {
                    throw new IllegalArgumentException(from + ": tensor " + name + " has type " + tensor.type()
                            + ", wanted F32, F16 or BF16");
                }
                writer.add(name, tensor.type() == DType.BF16 ? DType.BF16 : DType.F32, tensor);
            }
            writer.write(to);
        }
    }

    private void pth() {
        try (var file = SafetensorsFile.open(from)) {
            var writer = new PthWriter();
            file.names().forEach(name -> writer.add(name, file.tensor(name)));
            writer.write(to);
        }
    }
}
