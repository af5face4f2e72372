package seer.sim;

import java.lang.classfile.Instruction;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.ArrayLoadInstruction;
import java.lang.classfile.instruction.ArrayStoreInstruction;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.ConvertInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.LookupSwitchInstruction;
import java.lang.classfile.instruction.NewMultiArrayInstruction;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.classfile.instruction.OperatorInstruction;
import java.lang.classfile.instruction.StackInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.lang.classfile.instruction.TableSwitchInstruction;
import java.lang.constant.ClassDesc;
import java.util.HashMap;
import java.util.Map;

/// How many slots lie on the operand stack, from instruction to instruction of what `javac` makes of a kernel: each
/// place is reached by the instruction before it or by a jump forward, but for the beginning of a loop, where the stack
/// is empty.
final class StackDepth {

    private final Map<Label, Integer> jumps = new HashMap<>();
    private boolean reached = true;
    private int depth;

    int depth() {
        return depth;
    }

    void at(Label label) {
        Integer known = jumps.get(label);
        if (!reached) {
            depth = known == null ? 0 : known;
            reached = true;
        }
    }

    void after(Instruction instruction) {
        depth += change(instruction);
        if (instruction instanceof BranchInstruction jump) {
            jumps.put(jump.target(), depth);
        }
        reached = switch (instruction.opcode()) {
            case GOTO, GOTO_W, ATHROW, RETURN, IRETURN, LRETURN, FRETURN, DRETURN, ARETURN -> false;
            default -> true;
        };
    }

    /// Slots of the arguments of a call, with its receiver.
    static int arguments(InvokeInstruction call) {
        int slots = call.opcode() == Opcode.INVOKESTATIC ? 0 : 1;
        for (ClassDesc type : call.typeSymbol().parameterList()) {
            slots += TypeKind.from(type).slotSize();
        }
        return slots;
    }

    private static int change(Instruction instruction) {
        return switch (instruction) {
            case LoadInstruction load -> load.typeKind().slotSize();
            case StoreInstruction store -> -store.typeKind().slotSize();
            case ConstantInstruction constant -> constant.typeKind().slotSize();
            case ConvertInstruction convert -> convert.toType().slotSize() - convert.fromType().slotSize();
            case ArrayLoadInstruction load -> load.typeKind().slotSize() - 2;
            case ArrayStoreInstruction store -> -2 - store.typeKind().slotSize();
            case InvokeInstruction call ->
                    TypeKind.from(call.typeSymbol().returnType()).slotSize() - arguments(call);
            case NewObjectInstruction made -> 1;
            case NewMultiArrayInstruction made -> 1 - made.dimensions();
            case TableSwitchInstruction choice -> -1;
            case LookupSwitchInstruction choice -> -1;
            case FieldInstruction field -> field(field);
            case StackInstruction stack -> stack(stack);
            case BranchInstruction jump -> jump(jump);
            case OperatorInstruction operator -> operator(operator);
            default -> 0;
        };
    }

    private static int field(FieldInstruction field) {
        int slots = TypeKind.from(field.typeSymbol()).slotSize();
        return switch (field.opcode()) {
            case GETSTATIC -> slots;
            case GETFIELD -> slots - 1;
            case PUTSTATIC -> -slots;
            default -> -slots - 1;
        };
    }

    private static int stack(StackInstruction stack) {
        return switch (stack.opcode()) {
            case POP -> -1;
            case POP2 -> -2;
            case DUP, DUP_X1, DUP_X2 -> 1;
            case DUP2, DUP2_X1, DUP2_X2 -> 2;
            default -> 0;
        };
    }

    private static int jump(BranchInstruction jump) {
        return switch (jump.opcode()) {
            case GOTO, GOTO_W -> 0;
            case IFEQ, IFNE, IFLT, IFGE, IFGT, IFLE, IFNULL, IFNONNULL -> -1;
            default -> -2;
        };
    }

    private static int operator(OperatorInstruction operator) {
        return switch (operator.opcode()) {
            case INEG, LNEG, FNEG, DNEG, ARRAYLENGTH -> 0;
            case LSHL, LSHR, LUSHR -> -1;
            case LCMP, DCMPL, DCMPG -> -3;
            default -> -operator.typeKind().slotSize();
        };
    }
}
