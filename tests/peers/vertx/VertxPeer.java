import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.ext.bridge.BridgeOptions;
import io.vertx.ext.bridge.PermittedOptions;
import io.vertx.ext.eventbus.bridge.tcp.TcpEventBusBridge;

/**
 * A Vert.x application whose event bus others reach through its TCP bridge, on a free port of loopback that it prints. It ends with its
 * input, so that nobody has to stop it. Arguments: the certificate and key of a TLS bridge, or none.
 *
 * Services: vx.echo answers with the body and its headers, vx.fail fails with 42, vx.silent never answers, vx.relay sends what it gets to
 * the address in its header `to`, vx.ask asks there and hands the
 * answer on. What is under `secret` the bridge refuses.
 */
public final class VertxPeer {
    public static void main(String[] arguments) throws Exception {
        Vertx vertx = Vertx.vertx();
        serve(vertx.eventBus());
        NetServerOptions server = new NetServerOptions().setTcpNoDelay(true);
        if (arguments.length == 2)
            server.setSsl(true).setKeyCertOptions(new PemKeyCertOptions().setCertPath(arguments[0]).setKeyPath(arguments[1]));
        PermittedOptions allBut = new PermittedOptions().setAddressRegex("(?!secret).*");
        BridgeOptions options = new BridgeOptions().addInboundPermitted(allBut).addOutboundPermitted(allBut);
        TcpEventBusBridge bridge = TcpEventBusBridge.create(vertx, options, server);
        int port = freePort();
        bridge.listen(port, "127.0.0.1").onSuccess(listening -> System.out.println("port " + port)).onFailure(error -> {
            System.out.println("failed " + error);
            System.exit(1);
        });
        while (System.in.read() != -1) {
        }
        System.exit(0);
    }

    private static void serve(EventBus bus) {
        bus.<Object>consumer("vx.echo", message -> message.reply(message.body(), new DeliveryOptions().setHeaders(message.headers())));
        bus.<Object>consumer("vx.fail", message -> message.fail(42, "no"));
        bus.<Object>consumer("vx.silent", message -> {
        });
        bus.<Object>consumer("vx.relay", message -> bus.publish(message.headers().get("to"), message.body()));
        bus.<Object>consumer("vx.ask", message ->
            bus.<Object>request(message.headers().get("to"), message.body()).onComplete(answer ->
                message.reply(answer.succeeded() ? answer.result().body() : new JsonObject().put("failed", answer.cause().getMessage()))));
    }

    private static int freePort() throws Exception {
        try (java.net.ServerSocket socket = new java.net.ServerSocket(0, 1, java.net.InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }
}
