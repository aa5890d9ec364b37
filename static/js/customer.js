/** The hosted customer page: the widget full screen. */
import { startCustomerPage } from "./app/customer/customer-page.js";

startCustomerPage({ embedded: false });
