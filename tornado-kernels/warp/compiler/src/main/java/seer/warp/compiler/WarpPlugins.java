package seer.warp.compiler;

import java.util.Arrays;
import java.util.function.Function;
import jdk.graal.compiler.nodes.ValueNode;
import jdk.graal.compiler.nodes.graphbuilderconf.GraphBuilderContext;
import jdk.graal.compiler.nodes.graphbuilderconf.InvocationPlugin;
import jdk.graal.compiler.nodes.graphbuilderconf.InvocationPlugins;
import jdk.vm.ci.meta.JavaKind;
import jdk.vm.ci.meta.ResolvedJavaMethod;
import seer.warp.AsyncCopy;
import seer.warp.BulkCopy;
import seer.warp.Cluster;
import seer.warp.Occupancy;
import seer.warp.Quad;
import seer.warp.Warp;
import seer.warp.WarpGroup;
import uk.ac.manchester.tornado.api.exceptions.TornadoBailoutRuntimeException;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Teaches TornadoVM's CUDA compiler the operations of [seer.warp]: each call becomes one statement of CUDA C.
final class WarpPlugins {
    private static final Class<?> FLOATS = float[].class;
    private static final Class<?> INTS = int[].class;
    private static final Class<?> INT = int.class;
    private static final Class<?> FLOAT = float.class;

    private final InvocationPlugins plugins;
    private InvocationPlugins.Registration target;

    WarpPlugins(InvocationPlugins plugins) {
        this.plugins = plugins;
    }

    /// The constant arguments of a call; others are null.
    private record Call(String name, Integer[] constants) {
        int constant(int argument) {
            if (constants[argument] == null) {
                throw new TornadoBailoutRuntimeException("argument " + argument + " of " + name
                        + " has to be a constant once loops are unrolled");
            }
            return constants[argument];
        }
    }

    void register() {
        registerWarp();
        registerAsyncCopy();
        registerBulkCopy();
        registerCluster();
        registerQuad();
        registerWarpGroup();
        target = new InvocationPlugins.Registration(plugins, Occupancy.class);
        add("groups", JavaKind.Void, call -> WarpCodeCache.together(call.constant(0)), INT);
        add("take", JavaKind.Void,
                call -> new Ptx().code("setmaxnreg.inc.sync.aligned.u32 " + call.constant(0) + ";").effect(), INT);
        add("give", JavaKind.Void,
                call -> new Ptx().code("setmaxnreg.dec.sync.aligned.u32 " + call.constant(0) + ";").effect(), INT);
    }

    private void registerWarp() {
        target = new InvocationPlugins.Registration(plugins, Warp.class);
        add("multiplyAdd", JavaKind.Void, new Ptx()
                .code("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
                            + "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
                        + "{%0, %1, %2, %3};")
                .registers("+f", 0, "$1", 4).reads(2, "$3", 4).reads(4, "$5", 2).pure(),
                FLOATS, INT, INTS, INT, INTS, INT);
        for (String transposed : new String[] {"", "Transposed"}) {
            add("load4" + transposed, JavaKind.Void, new Ptx()
                    .code("ldmatrix.sync.aligned.m8n8.x4" + (transposed.isEmpty() ? "" : ".trans")
                            + ".shared.b16 {%0, %1, %2, %3}, [%4];")
                    .registers("=r", 2, "$3", 4).input("r", Ptx.shared(0, 1)).ordered(), INTS, INT, INTS, INT);
        }
        add("exchange", JavaKind.Float, "$r = __shfl_xor_sync(0xffffffffu, $0, $1)", FLOAT, INT);
        add("exchangeInt", JavaKind.Int, "$r = __shfl_xor_sync(0xffffffffu, $0, $1)", INT, INT);
        add("ballot", JavaKind.Int, "$r = (int) __ballot_sync(0xffffffffu, $0)", INT);
        add("pack", JavaKind.Int, new Ptx().code("cvt.rn.bf16x2.f32 %0, %1, %2;").output("=r", "$r").input("f", "$1")
                .input("f", "$0").pure(), FLOAT, FLOAT);
        add("low", JavaKind.Float, "$r = __int_as_float(($0) << 16)", INT);
        add("high", JavaKind.Float, "$r = __int_as_float(($0) & 0xffff0000)", INT);
        add("exp2", JavaKind.Float, new Ptx().code("ex2.approx.ftz.f32 %0, %1;").output("=f", "$r").input("f",
                "$0").pure(),
                FLOAT);
        add("reciprocal", JavaKind.Float, new Ptx().code("rcp.approx.ftz.f32 %0, %1;").output("=f", "$r")
                .input("f", "$0").pure(), FLOAT);
    }

    private void registerAsyncCopy() {
        target = new InvocationPlugins.Registration(plugins, AsyncCopy.class);
        add("copy", JavaKind.Void, new Ptx().code("cp.async.cg.shared.global [%0], [%1], 16;")
                .input("r", Ptx.shared(0, 1)).input("l", Ptx.global(2, 3)).ordered(), INTS, INT, IntArray.class, INT);
        add("commit", JavaKind.Void, new Ptx().code("cp.async.commit_group;").effect());
        add("await", JavaKind.Void, call -> new Ptx().code("cp.async.wait_group " + call.constant(0) + ";").effect(),
                INT);
    }

    private void registerBulkCopy() {
        target = new InvocationPlugins.Registration(plugins, BulkCopy.class);
        add("barrier", JavaKind.Void, new Ptx()
                .code("mbarrier.init.shared::cta.b64 [%0], %1; fence.mbarrier_init.release.cluster;")
                .input("r", Ptx.shared(0, 1)).input("r", "$2").effect(), INTS, INT, INT);
        add("expect", JavaKind.Void, new Ptx().code("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;")
                .input("r", Ptx.shared(0, 1)).input("r", "$2").effect(), INTS, INT, INT);
        add("copy", JavaKind.Void, new Ptx()
                .code("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];")
                .input("r", Ptx.shared(0, 2)).input("l", Ptx.global(3, 4)).input("r", "$5").input("r", Ptx.shared(0, 1))
                .effect(), INTS, INT, INT, IntArray.class, INT, INT);
        add("arrive", JavaKind.Void, new Ptx().code("mbarrier.arrive.shared::cta.b64 _, [%0];")
                .input("r", Ptx.shared(0, 1)).effect(), INTS, INT);
        add("await", JavaKind.Void, new Ptx()
                .code("{ .reg .pred p; AGAIN: mbarrier.try_wait.parity.shared::cta.b64 p, [%0], %1; @p bra DONE; "
                        + "bra AGAIN; DONE: }")
                .input("r", Ptx.shared(0, 1)).input("r", "$2").effect(), INTS, INT, INT);
        add("publish", JavaKind.Void, new Ptx().code("fence.proxy.async.shared::cta;").effect());
    }

    private void registerCluster() {
        target = new InvocationPlugins.Registration(plugins, Cluster.class);
        add("groups", JavaKind.Void, call -> WarpCodeCache.cluster(call.constant(0)), INT);
        add("meet", JavaKind.Void, new Ptx().code("barrier.cluster.arrive; barrier.cluster.wait;").effect());
        add("copy", JavaKind.Void, new Ptx()
                .code("{ .reg .b16 ranks; cvt.u16.u32 ranks, %4; cp.async.bulk.shared::cluster.global"
                        + ".mbarrier::complete_tx::bytes.multicast::cluster [%0], [%1], %2, [%3], ranks; }")
                .input("r", Ptx.shared(0, 2)).input("l", Ptx.global(3, 4)).input("r", "$5").input("r", Ptx.shared(0, 1))
                .input("r", "$6").effect(), INTS, INT, INT, IntArray.class, INT, INT, INT);
        add("arrive", JavaKind.Void, new Ptx()
                .code("{ .reg .b32 there; mapa.shared::cluster.u32 there, %0, %1; "
                        + "mbarrier.arrive.release.cluster.shared::cluster.b64 _, [there]; }")
                .input("r", Ptx.shared(0, 1)).input("r", "$2").effect(), INTS, INT, INT);
    }

    private void registerQuad() {
        target = new InvocationPlugins.Registration(plugins, Quad.class);
        add("get", JavaKind.Void, new Ptx().code("ld.global.v4.f32 {%0, %1, %2, %3}, [%4];")
                .registers("=f", 2, "$3", 4).input("l", Ptx.global(0, 1)).effect(), FloatArray.class, INT, FLOATS, INT);
        add("put", JavaKind.Void, quad("st.global.v4.f32", "f"), FloatArray.class, INT, FLOAT, FLOAT, FLOAT, FLOAT);
        add("putInts", JavaKind.Void, quad("st.global.v4.b32", "r"), IntArray.class, INT, INT, INT, INT, INT);
        add("add", JavaKind.Void, quad("red.global.add.v4.f32", "f"), FloatArray.class, INT, FLOAT, FLOAT, FLOAT,
                FLOAT);
    }

    private static String quad(String instruction, String kind) {
        return new Ptx().code(instruction + " [%0], {%1, %2, %3, %4};").input("l", Ptx.global(0, 1)).input(kind, "$2")
                .input(kind, "$3").input(kind, "$4").input(kind, "$5").effect();
    }

    private void registerWarpGroup() {
        target = new InvocationPlugins.Registration(plugins, WarpGroup.class);
        add("open", JavaKind.Void, new Ptx().code("wgmma.fence.sync.aligned;").effect());
        add("renew", JavaKind.Void, new Ptx()
                .code("xor.b32 %0, %0, %4; xor.b32 %1, %1, %4; xor.b32 %2, %2, %4; xor.b32 %3, %3, %4;")
                .registers("+r", 0, "$1", 4).input("r", "$2").ordered(), INTS, INT, INT);
        add("commit", JavaKind.Void, new Ptx().code("wgmma.commit_group.sync.aligned;").effect());
        add("await", JavaKind.Void,
                call -> new Ptx().code("wgmma.wait_group.sync.aligned " + call.constant(0) + ";").effect(), INT);
        add("product", JavaKind.Void, call -> {
            int floats = call.constant(2) / 2;
            return new Ptx().before(descriptor("db", 6, 7, call.constant(9)))
                    .code(wgmma(call.constant(2), Ptx.list(floats, floats + 4), floats + 4, floats + 5,
                            "" + call.constant(8)))
                    .registers("+f", 0, "$1", floats).reads(4, "$5", 4).input("l", "db").input("r", "$3").ordered();
        }, FLOATS, INT, INT, INT, INTS, INT, INTS, INT, INT, INT);
        add("productLocal", JavaKind.Void, call -> {
            int floats = call.constant(2) / 2;
            return new Ptx().before(descriptor("da", 4, 5, 0) + " " + descriptor("db", 4, 6, call.constant(8)))
                    .code(wgmma(call.constant(2), "%" + floats, floats + 1, floats + 2, "0, " + call.constant(7)))
                    .registers("+f", 0, "$1", floats).input("l", "da").input("l", "db").input("r", "$3").ordered();
        }, FLOATS, INT, INT, INT, INTS, INT, INT, INT, INT);
    }

    /// The matrix descriptor of a swizzled tile: address and strides in units of 16 bytes; 1,024 bytes from eight rows
    /// to the next eight; the swizzle of 128 bytes.
    private static String descriptor(String name, int array, int at, int leading) {
        return "unsigned long long " + name + " = (unsigned long long) ((" + Ptx.shared(array, at)
                + " & 0x3FFFFu) >> 4) | ((unsigned long long) " + Math.max(leading / 16, 1)
                + " << 16) | ((unsigned long long) 64 << 32) | (1ull << 62);";
    }

    private static String wgmma(int columns, String a, int b, int keep, String transposed) {
        return "{ .reg .pred p; setp.ne.b32 p, %" + keep + ", 0; wgmma.mma_async.sync.aligned.m64n" + columns
                + "k16.f32.bf16.bf16 " + Ptx.list(0, columns / 2) + ", " + a + ", %" + b + ", p, 1, 1, " + transposed
                + "; }";
    }

    private void add(String name, JavaKind result, String text, Class<?>... types) {
        add(name, result, call -> text, types);
    }

    private void add(String name, JavaKind result, Function<Call, String> text, Class<?>... types) {
        target.register(new InvocationPlugin(name, types) {
            @Override
            public boolean defaultHandler(GraphBuilderContext builder, ResolvedJavaMethod method, Receiver receiver,
                                          ValueNode... arguments) {
                var constants = Arrays.stream(arguments)
                        .map(value -> value.isJavaConstant() && value.asJavaConstant().getJavaKind() == JavaKind.Int
                                ? value.asJavaConstant().asInt() : null).toArray(Integer[]::new);
                var node = new CudaNode(text.apply(new Call(name, constants)), result, arguments);
                if (result == JavaKind.Void) {
                    builder.add(node);
                } else {
                    builder.addPush(result, node);
                }
                return true;
            }
        });
    }
}
