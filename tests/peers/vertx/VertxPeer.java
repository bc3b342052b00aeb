import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.ext.bridge.BridgeOptions;
import io.vertx.ext.bridge.PermittedOptions;
import io.vertx.ext.eventbus.bridge.tcp.TcpEventBusBridge;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.sockjs.SockJSBridgeOptions;
import io.vertx.ext.web.handler.sockjs.SockJSHandler;

/**
 * A Vert.x application whose event bus others reach through its TCP bridge, on a free port of loopback that it prints. It ends with its
 * input, so that nobody has to stop it. Arguments: the certificate and key of a TLS bridge; or `http`, for a bridge by WebSocket and SockJS
 * at /eventbus as well, whose port is printed behind the other; or none.
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
        Future<String> http = arguments.length == 1 ? serveHttp(vertx, allBut) : Future.succeededFuture("");
        http.compose(shown -> bridge.listen(port, "127.0.0.1").map(shown)).onSuccess(shown -> System.out.println("port " + port + shown)).onFailure(error -> {
            System.out.println("failed " + error);
            System.exit(1);
        });
        while (System.in.read() != -1) {
        }
        System.exit(0);
    }

    private static Future<String> serveHttp(Vertx vertx, PermittedOptions permitted) {
        Router router = Router.router(vertx);
        SockJSBridgeOptions options = new SockJSBridgeOptions().addInboundPermitted(permitted).addOutboundPermitted(permitted);
        router.route("/eventbus/*").subRouter(SockJSHandler.create(vertx).bridge(options));
        return vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1").map(server -> " " + server.actualPort());
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
