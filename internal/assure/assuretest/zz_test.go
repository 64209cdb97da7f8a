package assuretest
import ("testing";"os")
func TestX(t *testing.T){ os.WriteFile("/tmp/p1.png",PlaceholderImage("front abcdefghijklm",1),0o600); os.WriteFile("/tmp/p2.png",PlaceholderImage("selfie nopqrstuvwxyz",2),0o600); os.WriteFile("/tmp/p3.png",PlaceholderImage("back 0123456789",3),0o600)}
