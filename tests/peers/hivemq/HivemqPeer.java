import com.hivemq.embedded.EmbeddedHiveMQ;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A HiveMQ to which everybody may come, on a free port of loopback that it prints; what it keeps stands in the folder that is its argument. It ends with its
 * input, so that nobody has to stop it.
 */
public final class HivemqPeer {
    private static final String CONFIGURATION = """
        <hivemq>
            <listeners><tcp-listener><port>%d</port><bind-address>127.0.0.1</bind-address></tcp-listener></listeners>
            <anonymous-usage-statistics><enabled>false</enabled></anonymous-usage-statistics>
        </hivemq>
        """;

    public static void main(String[] arguments) throws Exception {
        PrintStream output = System.out;
        System.setOut(new PrintStream(OutputStream.nullOutputStream()));  // what it logs
        Path home = Path.of(arguments[0]);
        int port = freePort();
        Path configuration = Files.createDirectories(home.resolve("conf"));
        Files.writeString(configuration.resolve("config.xml"), CONFIGURATION.formatted(port));
        EmbeddedHiveMQ.builder().withConfigurationFolder(configuration).withDataFolder(Files.createDirectories(home.resolve("data")))
            .withExtensionsFolder(Files.createDirectories(home.resolve("extensions"))).build().start().join();
        output.println("port " + port);
        while (System.in.read() != -1) {
        }
        Runtime.getRuntime().halt(0);  // to stop in order takes it seconds, and nobody wants what it keeps
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }
}
