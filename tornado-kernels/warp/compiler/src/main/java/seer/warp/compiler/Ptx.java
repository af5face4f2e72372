package seer.warp.compiler;

import java.util.ArrayList;
import java.util.List;

/// Writes one statement of CUDA C around an instruction of PTX: `asm volatile("..." : outputs : inputs : "memory")`.
final class Ptx {
    private final StringBuilder code = new StringBuilder();
    private final List<String> outputs = new ArrayList<>();
    private final List<String> inputs = new ArrayList<>();
    private String before = "";

    /// An address of local memory as PTX wants it, for the array `$array` and the index `$at` in ints.
    static String shared(int array, int at) {
        return "(unsigned) __cvta_generic_to_shared((char *) $" + array + " + (($" + at + ") << 2))";
    }

    /// An address within an array of the device, whose elements stand behind a header.
    static String global(int array, int at) {
        return "(const char *) $" + array + " + 16 + ((long long) ($" + at + ") << 2)";
    }

    /// Statements before the instruction, within one block.
    Ptx before(String statements) {
        before = statements;
        return this;
    }

    /// The instruction; `%0`, `%1` ... are the operands: all outputs, then all inputs.
    Ptx code(String instruction) {
        code.append(instruction);
        return this;
    }

    /// Operands that are read and written, or only written (`=`).
    Ptx output(String constraint, String operand) {
        outputs.add('"' + constraint + "\"(" + operand + ')');
        return this;
    }

    Ptx input(String constraint, String operand) {
        inputs.add('"' + constraint + "\"(" + operand + ')');
        return this;
    }

    /// `count` operands of an array from a constant place on, each read and written.
    Ptx registers(String constraint, int array, String first, int count) {
        for (int i = 0; i < count; i++) {
            output(constraint, "$" + array + "[(" + first + ") + " + i + "]");
        }
        return this;
    }

    /// `count` operands of an array, each read.
    Ptx reads(int array, String first, int count) {
        for (int i = 0; i < count; i++) {
            input("r", "$" + array + "[(" + first + ") + " + i + "]");
        }
        return this;
    }

    /// `{%from, ..., %to - 1}`
    static String list(int from, int to) {
        var list = new StringBuilder("{");
        for (int i = from; i < to; i++) {
            list.append(i > from ? ", %" : "%").append(i);
        }
        return list.append('}').toString();
    }

    /// An instruction without an effect beyond its outputs: the compiler may drop or move it.
    String pure() {
        return statement("asm", "");
    }

    /// An instruction that stays where it is and may touch memory.
    String effect() {
        return statement("asm volatile", " : \"memory\"");
    }

    /// An instruction that stays where it is among its like and touches registers and tiles only.
    String ordered() {
        return statement("asm volatile", "");
    }

    private String statement(String keyword, String clobbers) {
        String text = keyword + "(\"" + code + "\" : " + String.join(", ", outputs) + " : "
                + String.join(", ", inputs) + clobbers + ")";
        return before.isEmpty() ? text : "{ " + before + " " + text + "; }";
    }
}
