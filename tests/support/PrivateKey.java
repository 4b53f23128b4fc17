// Prints the private key of a PKCS #12 file in PEM form: keytool does all but that. java PrivateKey.java FILE PASSWORD
import java.io.File;
import java.security.KeyStore;
import java.util.Base64;

public class PrivateKey {
  public static void main(String[] args) throws Exception {
    char[] password = args[1].toCharArray();
    KeyStore store = KeyStore.getInstance(new File(args[0]), password);
    byte[] key = store.getKey(store.aliases().nextElement(), password).getEncoded();
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key);
    System.out.print("-----BEGIN PRIVATE KEY-----\n" + body + "\n-----END PRIVATE KEY-----\n");
  }
}
