package seer.warp.compiler;

import jdk.graal.compiler.lir.LIRInstruction;
import jdk.graal.compiler.lir.LIRInstructionClass;
import jdk.graal.compiler.lir.Opcode;
import jdk.graal.compiler.lir.asm.CompilationResultBuilder;
import jdk.vm.ci.meta.AllocatableValue;
import jdk.vm.ci.meta.Value;
import uk.ac.manchester.tornado.drivers.cuda.graal.asm.CUDAAssembler;
import uk.ac.manchester.tornado.drivers.cuda.graal.compiler.CUDACompilationResultBuilder;

/// A statement of CUDA C with its arguments filled in.
@Opcode("WARP")
public final class CudaStatement extends LIRInstruction {
    public static final LIRInstructionClass<CudaStatement> TYPE = LIRInstructionClass.create(CudaStatement.class);

    @LIRInstruction.Def({LIRInstruction.OperandFlag.REG, LIRInstruction.OperandFlag.ILLEGAL})
    AllocatableValue to;
    @LIRInstruction.Use Value[] values;
    private final String text;

    CudaStatement(String text, AllocatableValue to, Value[] values) {
        super(TYPE);
        this.text = text;
        this.to = to;
        this.values = values;
    }

    @Override
    public void emitCode(CompilationResultBuilder result) {
        var builder = (CUDACompilationResultBuilder) result;
        var assembler = (CUDAAssembler) result.asm;
        var line = new StringBuilder();
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c != '$') {
                line.append(c);
                continue;
            }
            char which = text.charAt(++at);
            line.append(assembler.getStringValue(builder, which == 'r' ? to : values[which - '0']));
        }
        assembler.indent();
        assembler.emit(line.toString());
        assembler.delimiter();
        assembler.eol();
    }
}
